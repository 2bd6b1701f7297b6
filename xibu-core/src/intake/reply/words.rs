//! The words of short answers, each list closed and in simplified letters, lower case.
//!
//! What it is not: no list here is searched by itself; where a word may stand is said by those who
//! use it.

use crate::incident::IncidentKind;

/// The whole of an answer that asks for no more. `t` and `td` as operators have it, `r` as
/// marketing messages must.
pub(super) const STOP: &[&str] = &[
    "t", "td", "tt", "r", "n", "退订", "退定", "退阅", "回退订", "取消订阅", "取消", "停", "停止",
    "停发", "停止发送", "拒收", "不要再发", "不要再发了", "别发了", "别再发了", "勿扰", "请勿打扰",
    "stop", "unsubscribe",
];

/// A word that says something happened: concrete ones stand for themselves, general ones may also
/// be about prevention.
pub(super) struct Event {
    pub(super) word: &'static str,
    pub(super) kind: IncidentKind,
    pub(super) concrete: bool,
}

const fn concrete(word: &'static str, kind: IncidentKind) -> Event {
    Event { word, kind, concrete: true }
}

const fn general(word: &'static str, kind: IncidentKind) -> Event {
    Event { word, kind, concrete: false }
}

/// Longer words before those they begin with.
pub(super) const EVENTS: &[Event] = &[
    general("交通事故", IncidentKind::Traffic),
    general("车辆事故", IncidentKind::Traffic),
    concrete("车祸", IncidentKind::Traffic),
    concrete("撞车", IncidentKind::Traffic),
    concrete("翻车", IncidentKind::Traffic),
    concrete("追尾", IncidentKind::Traffic),
    concrete("撞伤", IncidentKind::Traffic),
    concrete("撞倒", IncidentKind::Traffic),
    concrete("被车", IncidentKind::Traffic),
    concrete("被撞", IncidentKind::Traffic),
    general("火灾", IncidentKind::Disaster),
    concrete("着火", IncidentKind::Disaster),
    concrete("起火", IncidentKind::Disaster),
    concrete("失火", IncidentKind::Disaster),
    general("触电", IncidentKind::Disaster),
    general("溺水", IncidentKind::Disaster),
    concrete("落水", IncidentKind::Disaster),
    concrete("爆炸", IncidentKind::Disaster),
    general("坍塌", IncidentKind::Disaster),
    general("山体滑坡", IncidentKind::Disaster),
    general("滑坡", IncidentKind::Disaster),
    general("泥石流", IncidentKind::Disaster),
    general("地震", IncidentKind::Disaster),
    general("洪水", IncidentKind::Disaster),
    concrete("被困", IncidentKind::Disaster),
    concrete("遇险", IncidentKind::Disaster),
    general("伤亡", IncidentKind::Injury),
    concrete("受伤", IncidentKind::Injury),
    concrete("受了伤", IncidentKind::Injury),
    concrete("负伤", IncidentKind::Injury),
    concrete("摔伤", IncidentKind::Injury),
    concrete("扭伤", IncidentKind::Injury),
    concrete("烧伤", IncidentKind::Injury),
    concrete("烫伤", IncidentKind::Injury),
    concrete("砸伤", IncidentKind::Injury),
    concrete("刺伤", IncidentKind::Injury),
    concrete("咬伤", IncidentKind::Injury),
    concrete("轻伤", IncidentKind::Injury),
    concrete("重伤", IncidentKind::Injury),
    concrete("工伤", IncidentKind::Injury),
    concrete("伤了", IncidentKind::Injury),
    concrete("伤到", IncidentKind::Injury),
    concrete("伤者", IncidentKind::Injury),
    concrete("骨折", IncidentKind::Injury),
    concrete("摔倒", IncidentKind::Injury),
    concrete("坠楼", IncidentKind::Injury),
    concrete("坠崖", IncidentKind::Injury),
    concrete("被打", IncidentKind::Injury),
    concrete("打架", IncidentKind::Injury),
    concrete("斗殴", IncidentKind::Injury),
    concrete("被咬", IncidentKind::Injury),
    concrete("死亡", IncidentKind::Injury),
    concrete("身亡", IncidentKind::Injury),
    concrete("遇难", IncidentKind::Injury),
    concrete("去世", IncidentKind::Injury),
    concrete("遇害", IncidentKind::Injury),
    concrete("自杀", IncidentKind::Injury),
    concrete("轻生", IncidentKind::Injury),
    concrete("失踪", IncidentKind::Other),
    concrete("失联", IncidentKind::Other),
    general("食物中毒", IncidentKind::Illness),
    general("中毒", IncidentKind::Illness),
    concrete("住院", IncidentKind::Illness),
    concrete("住了院", IncidentKind::Illness),
    concrete("送医", IncidentKind::Illness),
    concrete("急诊", IncidentKind::Illness),
    concrete("抢救", IncidentKind::Illness),
    concrete("昏迷", IncidentKind::Illness),
    concrete("晕倒", IncidentKind::Illness),
    concrete("昏倒", IncidentKind::Illness),
    concrete("病倒", IncidentKind::Illness),
    concrete("病危", IncidentKind::Illness),
    concrete("病故", IncidentKind::Illness),
    concrete("重病", IncidentKind::Illness),
    concrete("急病", IncidentKind::Illness),
    concrete("手术", IncidentKind::Illness),
    concrete("确诊", IncidentKind::Illness),
    concrete("被盗", IncidentKind::Property),
    concrete("失窃", IncidentKind::Property),
    concrete("被抢", IncidentKind::Property),
    concrete("被骗", IncidentKind::Property),
    concrete("报警", IncidentKind::Other),
    concrete("出事", IncidentKind::Other),
    concrete("出了事", IncidentKind::Other),
    general("突发事件", IncidentKind::Other),
    general("突发情况", IncidentKind::Other),
    general("意外", IncidentKind::Other),
    general("险情", IncidentKind::Other),
    general("事故", IncidentKind::Other),
];

/// What is denied when nothing at all happened; of the words above and besides.
pub(super) const GENERAL_OBJECTS: &[&str] = &[
    "事故", "出事", "出了事", "意外", "突发事件", "突发情况", "意外情况", "特殊情况", "异常情况",
    "异常", "险情", "安全问题",
];

/// What is denied beside it and means no accident by itself.
pub(super) const OTHER_OBJECTS: &[&str] = &[
    "隐患", "生病", "患病", "感冒", "发烧", "病人", "疾病", "疫情", "纠纷", "困难", "诉求", "问题",
    "情况",
];

/// Words in which one of the events only stands by chance.
pub(super) const NO_EVENT: &[&str] =
    &["意外险", "意外伤害险", "意外伤害保险", "意外保险", "工伤保险", "事故险", "报警器", "报警电话"];

/// Deny what follows. Longer before shorter.
pub(super) const NEGATORS: &[&str] = &[
    "不存在", "没有", "未有", "没", "未", "无", "零", "0", "〇",
];

/// Before a denial they turn it round, or ask.
pub(super) const TURNS_ROUND: &[&str] = &[
    "不是", "并非", "而非", "绝非", "不能说", "难说", "不可能", "不敢说", "不等于", "不", "难免",
    "免不了",
];

/// May stand between a denial and what it denies, and between things denied together.
pub(super) const BETWEEN: &[&str] = &[
    "任何", "发生", "发现", "出现", "过", "有", "一起", "一例", "1起", "1例", "起", "例", "安全",
    "健康", "人身", "责任", "生产", "志愿者", "人员", "人", "员工", "学生", "财产", "食品", "卫生",
    "消防", "交通", "校园", "和", "或者", "或", "及", "以及", "与", "等", "的", "相关", "各类", "类",
    "出", "本月", "因",
];

/// Between them they leave something open.
pub(super) const QUALIFIERS: &[&str] =
    &["重特大", "特别重大", "特大", "重大", "较大", "严重", "大的", "大", "明显", "新增", "新"];

/// Beside a general word they make it a thing that is talked of, not one that happened.
pub(super) const ABOUT: &[&str] = &[
    "预防", "防范", "防止", "避免", "杜绝", "防", "演练", "培训", "教育", "讲座", "隐患", "排查",
    "预案", "应急", "宣传", "学习", "知识", "处理办法", "报告制度", "零容忍", "如有", "如发生",
    "若有", "若发生", "如果", "一旦", "万一", "要是", "倘若", "会不会",
];

/// Ask, wherever they stand.
pub(super) const ASKS: &[&str] = &[
    "?", "吗", "么", "呢", "有没有", "有无", "是否", "是不是", "会不会", "要不要", "怎么", "如何",
    "什么", "啥", "谁", "哪", "几号", "多少", "为何", "请问", "能不能", "可不可以",
];

/// Neither an accident nor nothing.
pub(super) const WORRIES: &[&str] = &[
    "不安全", "不平安", "不太平", "不正常", "不舒服", "不适", "不好", "异常", "隐患", "生病", "患病",
    "发烧", "发热", "感冒", "生了病", "病", "疼", "医院", "医生", "药", "受凉", "过敏", "疫情", "失恋",
    "抑郁", "矛盾", "纠纷", "吵架", "投诉", "丢失", "丢了", "偷", "骗", "诈", "危险", "紧急", "求助",
    "救", "警", "联系不上", "找不到", "没回来", "未归", "没来", "离岗", "缺勤", "请假", "擅自", "伤",
    "死", "亡", "火", "灾", "撞",
];

/// Leave something open, wherever they stand.
pub(super) const QUALIFIED: &[&str] = &[
    "基本", "大致", "总体", "大体", "除", "其余", "其他", "其它", "另外", "但", "不过", "只是", "然而",
    "可是", "虽", "可能", "也许", "大概", "好像", "似乎", "应该", "估计", "不确定", "不清楚", "不知",
    "不详", "未知", "待核", "核实中", "待查", "未查", "没查", "还没", "尚未", "暂时", "听说", "据说",
    "说是", "上月", "上个月", "下月", "下个月", "昨", "前天", "部分", "多数", "大部分", "个别", "假",
    "骗", "才怪", "个屁", "未收全", "不是", "并非", "不能", "没人", "作废", "撤回", "更正", "改为", "误",
];

/// Before a nil they make it a wish, a rule or a quotation.
pub(super) const WISHES: &[&str] = &[
    "请", "确保", "保证", "注意", "务必", "要求", "祝", "愿", "希望", "争取", "保持", "力争", "目标",
    "实现", "提醒", "须", "必须", "应", "要", "需", "会议", "通知", "如", "若", "说", "听", "以为",
    "觉得", "等", "再", "将", "准备", "打算", "能", "才", "就",
];

/// A nil by itself, also behind an office or a name.
pub(super) const NIL: &[&str] = &[
    "安全无事", "平安无事", "安全无恙", "安然无恙", "安全无异常", "一切正常", "一切安全", "一切平安",
    "零报告", "0报告", "安全零报告", "安全无情况",
];

/// A nil only where nothing but [`NIL_BEFORE`] stands with it between two marks.
pub(super) const NIL_ALONE: &[&str] = &[
    "安全", "平安", "正常", "良好", "无", "无事", "没事", "没事儿", "没有事", "没啥事", "没情况",
    "无情况", "无异常", "无特殊情况", "健康", "平安健康", "安全健康", "安全正常", "平安顺利", "很好",
    "都好", "状况良好", "情况良好", "情况正常", "秩序正常", "安好", "nil",
];

/// May stand before a nil of one word.
pub(super) const NIL_BEFORE: &[&str] = &[
    "一切", "全部", "全体", "全员", "所有", "人员", "志愿者", "均", "都", "目前", "现", "本月", "当月",
    "我单位", "本单位", "我校", "我镇", "我乡", "我局", "我站", "单位", "大家", "在岗", "身体", "状况",
    "情况", "报告", "月报", "回复", "内容", "安全", "健康", "暂", "西部计划", "的", "人",
];

/// Say nothing by themselves.
pub(super) const FILLERS: &[&str] = &[
    "您好", "你好", "收到", "已收到", "收悉", "好的", "好", "谢谢", "感谢", "多谢", "辛苦了", "辛苦",
    "请查收", "请收", "请知悉", "请领导放心", "请放心", "特此报告", "特报", "特此回复", "现报告如下",
    "报告", "汇报", "回复", "答复", "回", "报告如下", "老师", "领导", "主任", "书记", "项目办", "本月",
    "当月", "月报", "安全月报", "安全情况", "安全", "情况", "本单位", "我单位", "截至目前", "截止目前",
    "目前", "今天", "今日", "嗯", "ok", "在岗", "祝好", "完毕", "填报人", "报送人", "联系人", "负责人",
    "单位", "姓名", "代码", "编码", "编号", "识别码", "码",
];

/// An acknowledgement by itself.
pub(super) const ACKNOWLEDGED: &[&str] = &[
    "收到", "已收到", "收悉", "已收悉", "已阅", "知道了", "知道", "已知", "知悉", "已知悉", "明白",
    "明白了", "了解", "好的", "好", "好滴", "行", "可以", "嗯", "嗯嗯", "ok", "okay", "遵命", "照办",
    "马上办", "抓紧办", "尽快报", "尽快上报", "会尽快报", "尽快", "稍后报", "按时报", "会按时报",
];

/// Verbs by which a report is handed in. Longer before shorter.
pub(super) const HANDS_IN: &[&str] = &[
    "上报", "报送", "报告", "报表", "提交", "发送", "补报", "补交", "补上", "送达", "交", "报", "送",
    "发", "给", "填", "完成", "回复", "处理", "办",
];

/// Take a promise back.
pub(super) const REFUSES: &[&str] = &[
    "不了", "不上", "不报", "不交", "没法", "无法", "不能", "来不及", "报不", "交不", "不行", "不会",
    "没有", "才",
];

/// Say that it was done.
pub(super) const DONE: &[&str] = &[
    "已报", "已经报", "已上报", "已交", "已经交", "已发", "已经发", "已送", "已填", "已提交", "报过",
    "交过", "发过", "报了", "交了", "发了", "送了", "填了", "报完", "交完",
];

/// What units are called at their ends; a name of two to four letters may follow.
pub(super) const UNIT_ENDS: &[char] = &[
    '校', '院', '局', '所', '镇', '乡', '村', '委', '办', '心', '位', '站', '区', '道', '队', '部', '室',
    '科', '馆', '司', '团', '县', '市', '旗', '厂', '园', '处', '会', '组', '厅', '台', '学', '府', '社',
    '联', '房', '店', '中', '小',
];
